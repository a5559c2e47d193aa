"""What is measured, how, and where: cells, the programs of each peer, and their times."""
