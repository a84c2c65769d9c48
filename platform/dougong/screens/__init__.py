"""Page models: what a page shows, no HTML yet."""
