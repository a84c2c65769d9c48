"""What a field type is: its column, check, JSON form and text form, one file per family."""
