"""What is known of the generators of the zoo: designs, cards, and the errors about them."""
