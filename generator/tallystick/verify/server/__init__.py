"""What is tested, how it is asked, and as whom."""
