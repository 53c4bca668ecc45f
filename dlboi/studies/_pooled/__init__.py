"""Training and test images as one pool: how they are divided, and what that does to the scores."""
