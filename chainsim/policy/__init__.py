"""What all levers and shocks share: schedule, target, money, and the programme of a run."""
