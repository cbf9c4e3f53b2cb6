"""The commands of Helm 2's dialect, in which ``helm`` talks to a Tiller."""
