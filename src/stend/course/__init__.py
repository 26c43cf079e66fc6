"""The course: modules, exercises, and the checks that judge what a learner has made."""
