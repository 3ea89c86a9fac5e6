"""The coupled model saved and loaded: the same predictions, losses, relatedness and further training."""
