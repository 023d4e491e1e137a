"""Open a graph, share threads, draw a symbol: what every trained model does to answer."""
