package io.trimtab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares the Java on a page of {@code docs/} with the regions of the test that runs it. */
public final class GuidePage {

  private static final Pattern BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern REGION =
      Pattern.compile("// tag::(\\w+)\\[]\\n(.*?)\\n *// end::\\1\\[]", Pattern.DOTALL);

  private GuidePage() {}

  /**
   * Fails unless every block of a page is a region of a test or example, and every region is on the
   * page.
   *
   * @param page the page's name in {@code docs/}
   * @param classes the classes with the regions
   */
  public static void assertBlocksAreRegionsOf(String page, Class<?>... classes) throws IOException {
    List<String> regions = new ArrayList<>();
    for (Class<?> type : classes) {
      Matcher region = REGION.matcher(Files.readString(source(type)));
      while (region.find()) {
        regions.add(region.group(2).stripTrailing().stripIndent() + "\n");
      }
    }
    List<String> blocks = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(Path.of("docs", page)));
    while (block.find()) {
      blocks.add(block.group(1));
    }
    assertThat(blocks)
        .as("the Java blocks of docs/%s", page)
        .isNotEmpty()
        .hasSameElementsAs(regions);
  }

  private static Path source(Class<?> type) {
    String file = type.getName().replace('.', '/') + ".java";
    Path test = Path.of("src/test/java", file);
    return Files.exists(test) ? test : Path.of("examples/java", file);
  }
}
