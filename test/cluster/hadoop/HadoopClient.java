import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem;

/** Apache Hadoop with the core-site.xml of its class path and no other settings of a store. Prints a line of JSON. */
public final class HadoopClient {
  private static final Configuration CONFIGURATION = new Configuration();

  public static void main(String[] args) {
    try {
      if (args[0].equals("turns")) turns(new Path(args[1]));
      else System.out.println(json(answer(args[0], List.of(args).subList(1, args.length))));
      // Hadoop's threads would go on.
      System.exit(0);
    } catch (Exception | LinkageError error) {
      error.printStackTrace();
      System.exit(1);
    }
  }

  /** Writes and reads with one file system for each line of input, and prints what it has read. */
  private static void turns(Path root) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in));
    System.out.println(json("ready"));
    for (String text = lines.readLine(); text != null; text = lines.readLine()) {
      try {
        FileSystem files = root.getFileSystem(CONFIGURATION);
        Path part = new Path(root, "part-" + text);
        write(files, part, text);
        try (var in = files.open(part)) {
          System.out.println(json(new String(in.readAllBytes())));
        }
      } catch (IOException error) {
        System.out.println(json(error.toString()));
      }
    }
  }

  /** One for each URI. */
  private static Object answer(String question, List<String> uris) throws Exception {
    Map<String, Object> found = new LinkedHashMap<>();
    for (String uri : uris) {
      Path path = new Path(uri);
      found.put(
          uri,
          switch (question) {
            case "job" -> job(path);
            case "attempts" -> attempts(path);
            case "identity" -> identity(path);
            default -> throw new IllegalArgumentException(question);
          });
    }
    return found;
  }

  /** What a job does to its output: written aside, committed by a rename, read, replaced. */
  private static Object job(Path root) throws IOException {
    // The least that S3 takes, for an upload of two parts.
    CONFIGURATION.set("fs.s3a.multipart.size", "5M");
    FileSystem files = root.getFileSystem(CONFIGURATION);
    Map<String, Object> found = new LinkedHashMap<>();
    Path attempt = new Path(root, "_temporary/0/attempt");
    found.put("made", files.mkdirs(attempt));
    Path aside = new Path(attempt, "part-0");
    write(files, aside, "weights");
    Path part = new Path(root, "part-0");
    found.put("renamed", files.rename(aside, part));
    found.put("cleaned", files.delete(new Path(root, "_temporary"), true));
    found.put("listed", Stream.of(files.listStatus(root)).map(HadoopClient::name).toList());
    try (var in = files.open(part)) {
      found.put("loaded", new String(in.readAllBytes()));
    }
    for (String name : List.of("encryption", "encryption-aws-kms-key-id")) {
      byte[] value = files.getXAttr(part, "header.x-amz-server-side-" + name);
      if (value != null) found.put(name, new String(value));
    }
    write(files, aside, "x".repeat(6 << 20));
    found.put("large", files.getFileStatus(aside).getLen() == 6 << 20);
    found.put("replaced", files.delete(root, true));
    write(files, part, "weights");
    found.put("deleted", files.delete(part, false));
    found.put("left", files.exists(part));
    return found;
  }

  /** Whether each is refused; no other error is expected. */
  private static Object attempts(Path path) throws Exception {
    FileSystem files = path.getFileSystem(CONFIGURATION);
    Map<String, Attempt> attempts = new LinkedHashMap<>();
    attempts.put("open", () -> files.open(path).close());
    attempts.put("status", () -> files.getFileStatus(path));
    attempts.put("list", () -> files.listStatus(path.getParent()));
    attempts.put("create", () -> write(files, new Path(path.getParent(), "mine"), "mine"));
    attempts.put("mkdirs", () -> files.mkdirs(new Path(path.getParent(), "folder")));
    attempts.put("rename", () -> files.rename(path, new Path(path.getParent(), "mine")));
    attempts.put("delete", () -> files.delete(path, false));
    Map<String, Object> found = new LinkedHashMap<>();
    for (var entry : attempts.entrySet()) {
      try {
        entry.getValue().run();
        found.put(entry.getKey(), "done");
      } catch (AccessDeniedException error) {
        found.put(entry.getKey(), "refused");
      }
    }
    return found;
  }

  /** What ABFS would present. */
  private static Object identity(Path root) throws IOException {
    // It would ask the account, which is not there.
    CONFIGURATION.setBoolean("fs.azure.account.hns.enabled", false);
    URI uri = root.toUri();
    var store = ((AzureBlobFileSystem) root.getFileSystem(CONFIGURATION)).getAbfsStore();
    var client = store.getClient();
    String account = uri.getHost().split("\\.")[0];
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("auth", client.getAuthType().name());
    found.put("token", client.getSasTokenProvider().getSASToken(account, client.getFileSystem(), "/a", "read"));
    found.put("hierarchical", store.getIsNamespaceEnabled(null));
    return found;
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void write(FileSystem files, Path path, String text) throws IOException {
    try (var out = files.create(path, false)) {
      out.write(text.getBytes());
    }
  }

  private static String name(FileStatus status) {
    return status.getPath().getName();
  }

  private static String json(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> json(entry.getKey()) + ":" + json(entry.getValue()))
          .collect(Collectors.joining(",", "{", "}"));
    }
    if (value instanceof List<?> list) {
      return list.stream().map(HadoopClient::json).collect(Collectors.joining(",", "[", "]"));
    }
    if (value instanceof Boolean) return value.toString();
    return '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
