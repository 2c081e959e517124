"""Who people are: sign-in identities, and their accounts in Pass and in Classroom."""
