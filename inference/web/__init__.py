"""Pages: one module per noun; each asks, makes one call, and shows what is so now."""
