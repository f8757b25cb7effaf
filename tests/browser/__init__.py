"""The course as its readers meet it: a real JupyterLab and a real Voila, in a real browser."""
