"""The clock and the post, run beside the server."""
