"""Simulated controllers: what makes a Deployment's pods appear, run, become ready and go."""
