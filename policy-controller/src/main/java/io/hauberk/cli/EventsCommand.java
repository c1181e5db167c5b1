// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import io.hauberk.device.DeviceException;
import io.hauberk.device.Event;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hauberk events}: what happened, and what happens. */
@Command(
    name = "events",
    description = "Show past events, and with --follow those to come, one a line.")
final class EventsCommand implements Callable<Integer> {
  /** More than the kernel keeps. */
  private static final int ALL = 1_000_000;

  /** Time for a slow machine to ask the kernel and to load what reads the answer. */
  private static final long FIRST_MILLIS = 3000;

  /** The kernel hands out past events without a pause, and does not say which is the last. */
  private static final long QUIET_MILLIS = 1000;

  private final Context context;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until interrupted")
  private boolean follow;

  @Option(names = "--json", description = "Print JSON, one object a line")
  private boolean json;

  @Option(
      names = "--replay",
      paramLabel = "N",
      description = "Begin with so many past events (default: all, with --follow none)")
  private Integer replay;

  EventsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Consumer<Event> printer =
        json
            ? event -> EventJson.print(context.out(), event)
            : event -> context.out().println(EventText.line(event, context.palette()));
    int past = replay != null ? replay : follow ? 0 : ALL;
    try (Device device = context.openDevice()) {
      if (follow) {
        follow(device, past, printer);
      } else {
        printPast(device, past, printer);
      }
    }
    return ExitStatus.OK;
  }

  private void follow(Device device, int past, Consumer<Event> printer) {
    device.follow(
        past,
        event -> {
          printer.accept(event);
          if (context.out().checkError()) {
            device.close(); // nobody reads any more: this ends the loop
          }
        });
  }

  private void printPast(Device device, int past, Consumer<Event> printer)
      throws InterruptedException {
    BlockingQueue<Runnable> arrivals = new LinkedBlockingQueue<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                device.follow(past, event -> arrivals.add(() -> printer.accept(event)));
              } catch (DeviceException e) {
                arrivals.add(
                    () -> {
                      throw e;
                    });
              }
            },
            "events");
    reader.setDaemon(true);
    reader.start();
    Runnable arrival = arrivals.poll(FIRST_MILLIS, TimeUnit.MILLISECONDS);
    while (arrival != null) {
      arrival.run();
      arrival = arrivals.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
    }
  }
}
