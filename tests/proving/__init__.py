# On loopback: the shop, the one whose protection is taken out, the mail server, and Stripe's.
PORT, CONTROL_PORT, MAIL_PORT, STRIPE_PORT = 8098, 8097, 8099, 8096
