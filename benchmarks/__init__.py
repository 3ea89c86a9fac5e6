"""The main job: networks trained on handwritten digits in each framework, with and without coupling."""
