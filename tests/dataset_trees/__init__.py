"""Small databases in their true layouts: a module for each, whose `write` makes one."""
