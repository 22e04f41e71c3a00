from pyspark.sql import SparkSession

print(SparkSession.builder.getOrCreate().read.text("s3a://models/team-a/events").count())
