"""The one door for hooks.py of modules and plugins; all else is private."""
