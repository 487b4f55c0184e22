"""What runs on the nodes: pods, their containers, and what kubelets say about them."""
