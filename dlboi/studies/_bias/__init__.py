"""What a study of dataset bias found: its claims, its words, its figures and its page."""
