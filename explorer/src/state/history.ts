// The address of the page as a store: what is shown goes into the address, back and forward bring it back.
import { useSyncExternalStore } from 'react';
import { type Address, addressText, type Changes, changed, parseAddress } from './address.js';

/** What of `window` it needs. */
export interface Place {
  readonly location: { readonly hash: string };
  readonly history: Pick<History, 'pushState' | 'replaceState'>;
  addEventListener(type: 'popstate', listener: () => void): void;
}

/** Milliseconds between two addresses that are written while something moves. */
const settleAfter = 100;

export class AddressStore {
  #address: Address;
  readonly #listeners = new Set<() => void>();
  #due: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly place: Place) {
    this.#address = parseAddress(place.location.hash);
    // Changing # by hand is a step of the history, too.
    place.addEventListener('popstate', () => this.#set(parseAddress(place.location.hash)));
  }

  readonly get = (): Address => this.#address;

  /** A step that “back” undoes. */
  readonly go = (changes: Changes): void => {
    const next = changed(this.#address, changes);
    this.settle();
    if (addressText(next) === addressText(this.#address)) return;
    this.#set(next);
    this.place.history.pushState(null, '', `#${addressText(next)}`);
  };

  /** A change on the way to one, as while something is dragged. Browsers bear no more than some hundred written addresses in a row. */
  readonly move = (changes: Changes): void => {
    const next = changed(this.#address, changes);
    if (addressText(next) === addressText(this.#address)) return;
    this.#set(next);
    this.#due ??= setTimeout(this.settle, settleAfter);
  };

  /** Writes what was moved into the address now. */
  readonly settle = (): void => {
    if (this.#due === undefined) return;
    clearTimeout(this.#due);
    this.#due = undefined;
    this.place.history.replaceState(null, '', `#${addressText(this.#address)}`);
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(address: Address): void {
    this.#address = address;
    for (const listener of this.#listeners) listener();
  }
}

export function useAddress(store: AddressStore): Address {
  return useSyncExternalStore(store.subscribe, store.get);
}
