"""Search: the best portfolios of levers under a budget, by a response surface that fresh runs hold to account."""
