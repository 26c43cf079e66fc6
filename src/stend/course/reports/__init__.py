"""What has been done, for those who look at it: a learner, a teacher, a workflow."""
