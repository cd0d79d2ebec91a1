from reviews.models.opinion import ReviewReport, ReviewVote
from reviews.models.reply import ReviewReply
from reviews.models.request import ReviewRequest
from reviews.models.review import Review, ReviewStatus, lock_product, recount
from reviews.models.settings import Moderation, ReviewSettings

__all__ = [
    "Moderation",
    "Review",
    "ReviewReply",
    "ReviewReport",
    "ReviewRequest",
    "ReviewSettings",
    "ReviewStatus",
    "ReviewVote",
    "lock_product",
    "recount",
]
