"""The tables that come with the package."""
