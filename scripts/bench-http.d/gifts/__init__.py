"""What the peer with Django and django-hordak keeps besides hordak's accounts, transactions and legs."""
