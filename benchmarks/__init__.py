"""The paper's experiments: networks trained with and without coupling in each framework, and a report."""
