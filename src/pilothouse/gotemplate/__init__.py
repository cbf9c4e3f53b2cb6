"""Go's text/template, compiled to Python."""
