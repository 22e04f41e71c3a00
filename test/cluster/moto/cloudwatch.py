"""CloudWatch: the metrics of a bucket are in the bucket's region, and the order of dimensions does not matter."""

from moto.cloudwatch.models import Dimension
from moto.s3.models import S3Backend, s3_backends

metrics = S3Backend.get_cloudwatch_metrics


def of_region(account_id, region):
    buckets = s3_backends[account_id]["aws"].buckets
    found = []
    for datum in metrics(account_id, region):
        name = next(dimension.value for dimension in datum.dimensions if dimension.name == "BucketName")
        if buckets[name].region_name != region:
            continue
        if datum.name == "BucketSizeBytes":
            # moto would report the memory that it needs for the objects.
            datum.value = sum(key.size for key in buckets[name].keys.values())
        found.append(datum)
    return found


def install():
    Dimension.__lt__ = lambda one, other: (one.name, one.value) < (other.name, other.value)
    S3Backend.get_cloudwatch_metrics = staticmethod(of_region)
