"""Learning categories from the choices that people confirmed: training, the model and its file, measures."""
