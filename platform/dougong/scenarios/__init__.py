"""The runner of `test:` files: a day at work, told and checked."""
