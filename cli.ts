#!/usr/bin/env node
import { runProcess } from './cli/process';

void runProcess();
