package io.trimtab.bridge;

import io.trimtab.bridge.wire.FieldDescription;
import io.trimtab.bridge.wire.SignatureDescription;
import io.trimtab.program.Field;
import io.trimtab.program.FieldType;
import io.trimtab.program.Signature;
import io.trimtab.program.SignatureException;
import java.util.List;

/** Reads what Python says of a program's fields. */
final class WireSignatures {

  private WireSignatures() {}

  static Signature signature(SignatureDescription description) {
    Signature.Builder signature =
        Signature.builder()
            .inputs(fields(description.getInputsList()))
            .outputs(fields(description.getOutputsList()));
    return description.getInstructions().isBlank()
        ? signature.build()
        : signature.instructions(description.getInstructions()).build();
  }

  private static Field[] fields(List<FieldDescription> descriptions) {
    return descriptions.stream().map(WireSignatures::field).toArray(Field[]::new);
  }

  private static Field field(FieldDescription description) {
    Field field = typed(description);
    return description.getDescription().isEmpty()
        ? field
        : field.describedAs(description.getDescription());
  }

  private static Field typed(FieldDescription description) {
    try {
      return Field.of(description.getName(), description.getType());
    } catch (SignatureException e) {
      return Field.of(
          description.getName(), FieldType.Simple.ANY); // a class that only Python knows
    }
  }
}
