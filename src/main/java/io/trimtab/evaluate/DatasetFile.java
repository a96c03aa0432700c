package io.trimtab.evaluate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The text of a dataset and how errors name it.
 *
 * @param origin the file's name, or "text"
 * @param text the whole content
 */
record DatasetFile(String origin, String text) {

  static DatasetFile of(Path file) {
    String origin = String.valueOf(file.getFileName());
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(Dataset.MAX_BYTES + 1);
      if (bytes.length > Dataset.MAX_BYTES) {
        throw new DatasetException(
            origin, 0, "expected at most %d bytes".formatted(Dataset.MAX_BYTES), null);
      }
      return new DatasetFile(origin, decoded(bytes));
    } catch (CharacterCodingException e) {
      throw new DatasetException(origin, 0, "expected UTF-8, got other bytes", e);
    } catch (NoSuchFileException e) {
      throw new DatasetException(origin, 0, "there is no such file: " + file, e);
    } catch (IOException e) {
      throw new DatasetException(origin, 0, "cannot be read: " + e.getMessage(), e);
    }
  }

  private static String decoded(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  static DatasetFile ofText(String text) {
    return new DatasetFile("text", text);
  }

  /** Returns the text without the byte order mark some editors put in front. */
  String unmarked() {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  DatasetException problem(long line, String problem, @Nullable Throwable cause) {
    return new DatasetException(origin, line, problem, cause);
  }
}
