"""Speed, memory and start-up, measured from outside; see README.md for how to run and read each."""
