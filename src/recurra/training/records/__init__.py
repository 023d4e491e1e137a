"""Records of training: the figures of a run while it trains, in the formats that other programs show."""
