"""Requests taken apart and checked as the contract has them, and answers as they are written."""
