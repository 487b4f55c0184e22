"""REST: one module per noun; each validates, makes one call, and shows what became of it."""
