from reviews.models.opinion import ReviewReport, ReviewVote
from reviews.models.photo import MOST_PHOTOS, ReviewPhoto
from reviews.models.reply import ReviewReply
from reviews.models.request import ReviewRequest
from reviews.models.review import Review, ReviewStatus, lock_product, recount
from reviews.models.settings import Moderation, ReviewSettings

__all__ = [
    "MOST_PHOTOS",
    "Moderation",
    "Review",
    "ReviewPhoto",
    "ReviewReply",
    "ReviewReport",
    "ReviewRequest",
    "ReviewSettings",
    "ReviewStatus",
    "ReviewVote",
    "lock_product",
    "recount",
]
