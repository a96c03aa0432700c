package io.trimtab.examples.triage;

import io.trimtab.program.Demonstration;
import io.trimtab.program.Field;
import io.trimtab.program.FieldType;
import io.trimtab.program.Models;
import io.trimtab.program.ModuleProgram;
import io.trimtab.program.Predict;
import io.trimtab.program.Program;
import io.trimtab.program.Signature;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The program that sends a support ticket to a team. */
public final class Triage {

  /** Says only what to do. */
  public static final String PLAIN = "plain";

  /** Adds a line about each team. */
  public static final String GLOSSARY = "glossary";

  /** Adds what tickets for each team usually say. */
  public static final String HANDBOOK = "handbook";

  private static final String TASK = "Decide which team should get the support ticket.";

  private Triage() {}

  /**
   * Builds the program; its parameters follow the variables of the same name.
   *
   * @param models who may answer
   * @param demonstrations solved tickets that may be shown
   * @return a program from {@code text} to {@code label}
   */
  public static Program program(Models models, List<Demonstration> demonstrations) {
    Predict predict =
        Predict.of(signature())
            .withModels(models)
            .withInstructionVariants(instructions())
            .withDemonstrations(demonstrations);
    return ModuleProgram.of(predict)
        .bind("module", "module")
        .bind("model", "model")
        .bind("instructions", "instructions")
        .bind("demonstrations", "demonstrations")
        .bind("temperature", "temperature");
  }

  private static Signature signature() {
    FieldType team = new FieldType.Literal(List.copyOf(Tickets.TEAMS));
    return Signature.builder()
        .input("text", "str", "what the customer wrote")
        .outputs(Field.of("label", team).describedAs("who should deal with it"))
        .instructions(TASK)
        .build();
  }

  /**
   * Returns the ways to put the task.
   *
   * @return the texts by name, shortest first
   */
  public static Map<String, String> instructions() {
    Map<String, String> variants = new LinkedHashMap<>();
    variants.put(PLAIN, TASK);
    variants.put(
        GLOSSARY,
        TASK
            + """

            billing: invoices, charges, refunds, prices, payment methods, cards, tax
            outage: the service is down, unreachable or answers with errors for many people right now
            bug: something works wrongly: a defect that can be reproduced, a wrong result, a crash
            how_to: asks how to do or set up something, or where to find a setting
            account_access: cannot log in, password, code, locked account, missing rights or role
            feature_request: a wish or suggestion for something the product cannot do yet
            cancellation: end, cancel, terminate or not renew a contract, subscription, plan, trial or account
            security: attack, phishing, leak, stolen device, suspicious login, vulnerability, fraud
            """);
    variants.put(
        HANDBOOK,
        TASK
            + """

            billing: The sender asks about money: an invoice, bill, receipt or statement, a charge or payment that was charged twice or debited wrongly, a refund or credit, a price, discount, promo code, tax or VAT, a bank transfer, purchase order, card or other payment method.
            outage: The service is down, offline, unreachable, not loading or unavailable now for everybody, the whole office, all users or a region: error 500, 502, 503, 504, timeout, status page, incident, nothing works since this morning.
            bug: A feature shows a wrong result or misbehaves and it can be reproduced: wrong value, duplicated, missing or broken text, crash, steps to reproduce, expected and actual, happens since the update or release in a certain version, should be.
            how_to: The sender asks how to do or set up something that exists: how do I, how can we, where do I find the setting, is there a way, which settings, what is the right way, explain, instructions, step by step, example.
            account_access: Somebody cannot log in or get into the account: password, reset link, sign-in, login, code, authenticator, locked, suspended, invitation, role, permission, admin, owner, username, e-mail address, single sign-on.
            feature_request: A wish or idea for something the product does not offer today: would like, would love, please add, could you add, suggestion, proposal, wish, option, support for, it would be nice, roadmap, consider.
            cancellation: The sender wants to end things: cancel, terminate, notice, close or delete the account, stop the subscription, not renew, not extend, leave, leaving, end of the contract, plan, trial or period, withdrawal.
            security: A possible attack, leak or fraud: phishing, fake mail, hacked, stolen, suspicious or unknown login, device or user, malware, trojan, ransomware, leaked key, token, vulnerability, penetration test, data leak, logs, investigate.
            """);
    return variants;
  }
}
