"""What whoever runs the server does: look after it, back it up, check the log, forget old names."""
