"""The campaign: calls drawn at random, each held against definitions, peers and promises."""
