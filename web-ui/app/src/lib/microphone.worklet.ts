// Hands the microphone's samples out of the audio thread, a hundredth of a second at a time.

interface Processor { readonly port: MessagePort }
declare const AudioWorkletProcessor: { new (): Processor };
declare const sampleRate: number;
declare function registerProcessor(name: string, made: new () => Processor): void;

class Tap extends AudioWorkletProcessor {
  private held = new Float32Array(Math.round(sampleRate / 100));
  private count = 0;

  process(inputs: Float32Array[][]): boolean {
    const heard = inputs[0]?.[0];
    if (!heard) return true;
    for (const sample of heard) {
      this.held[this.count] = sample;
      this.count += 1;
      if (this.count === this.held.length) {
        this.port.postMessage(this.held, [this.held.buffer]);
        this.held = new Float32Array(Math.round(sampleRate / 100));
        this.count = 0;
      }
    }
    return true;
  }
}

registerProcessor('tap', Tap);
