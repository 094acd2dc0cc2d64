"""What the double keeps: accounts, repositories, discussions, and the errors about them."""
