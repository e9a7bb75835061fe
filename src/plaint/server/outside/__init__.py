"""What an organisation adds to the shipped list of outside routes: one file of the operator's, the same for everybody.

It must not know who asks. Start at `service.py`.
"""
